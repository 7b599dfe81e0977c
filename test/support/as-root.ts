/** A test that gives files to other users, which root alone can. */
export const asRoot = process.getuid?.() === 0 ? it : it.skip;
