/** The script of the worker, whole, for where the file is lost. */
declare const script: string;
export default script;
