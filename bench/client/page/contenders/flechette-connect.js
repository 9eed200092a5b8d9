import { behindConnect } from "../lib/arrow.js";
import { columnsOf } from "../lib/flechette.js";

export const open = behindConnect(columnsOf);
