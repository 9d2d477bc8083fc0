/** Which web APIs does the guest get besides what QuickJS brings? These; each has a file of its own. */
export const webGlobals = {};
