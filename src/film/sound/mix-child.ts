import { serveTask } from "../../process/serve-task.js";
import { makeMaster, type Master, type MasterInput } from "./master.js";

serveTask<MasterInput, Master, { done: number; total: number }>((input, report) =>
  makeMaster(input, (done, total) => report({ done, total })),
);
