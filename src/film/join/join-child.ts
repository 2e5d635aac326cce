import type { WrittenFile } from "../../mp4/write-mp4.js";
import { serveTask } from "../../process/serve-task.js";
import { joinSegments, type JoinInput } from "./join-segments.js";

serveTask<JoinInput, WrittenFile>(joinSegments);
