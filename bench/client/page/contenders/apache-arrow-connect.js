import { behindConnect } from "../lib/arrow.js";
import { columnsOf } from "../lib/apache-arrow.js";

export const open = behindConnect(columnsOf);
