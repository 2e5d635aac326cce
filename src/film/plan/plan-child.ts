import { serveTask } from "../../process/serve-task.js";
import { layOutFilm, type LayOutInput } from "./lay-out-film.js";
import type { Storyboard } from "./storyboard.js";

serveTask(async (input: LayOutInput): Promise<Storyboard> => layOutFilm(input));
