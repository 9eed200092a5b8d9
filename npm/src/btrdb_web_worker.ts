// The script of the worker that `connect` starts for `worker: true`.

import { serve } from "./worker.js";

serve();
