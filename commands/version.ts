// Which version this is: what `version` prints, the metrics tell and the changelog speaks of.

export const VERSION = "0.1.0";
