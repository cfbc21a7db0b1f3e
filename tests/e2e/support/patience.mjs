// How long tests wait before they give up. All limits are generous, and are multiplied by TASKLOOM_PATIENCE on a machine that is slow or busy.

const PATIENCE = Number(process.env.TASKLOOM_PATIENCE || 1);

/** A limit in milliseconds, for this machine. */
export const patient = milliseconds => milliseconds * PATIENCE;
