import { behindFrames } from "../lib/arrow.js";
import { columnsOf } from "../lib/flechette.js";

export const open = behindFrames(columnsOf);
