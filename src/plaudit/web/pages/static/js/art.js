// Where the picture of a gift is: ours among our files, those that operators uploaded under the hash of what they hold.

const UPLOADED = /^art_[0-9a-f]{32}$/;

/** Whether an operator uploaded this art (`gift.art`); such a picture has no scene of its own. */
export function isUploaded(art) {
  return UPLOADED.test(art);
}

/** The address of a picture: `art` is the gift's, `base` where our files are, with a slash at its end. */
export function artAddress(base, art) {
  return isUploaded(art) ? `/art/${art}.svg` : `${base}gifts/${art}.svg`;
}
