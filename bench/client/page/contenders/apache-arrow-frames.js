import { behindFrames } from "../lib/arrow.js";
import { columnsOf } from "../lib/apache-arrow.js";

export const open = behindFrames(columnsOf);
