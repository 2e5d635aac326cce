import { serveTask } from "../process/serve-task.js";
import { recogniseSound, type RecogniseInput } from "./recognise-sound.js";
import type { SpokenPart } from "./transcript.js";

serveTask<RecogniseInput, SpokenPart[]>(recogniseSound);
