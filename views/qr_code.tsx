// A QR code, for the camera of a phone.

import type { JSX } from "hono/jsx/jsx-runtime";
import { encode } from "uqr";

/** Dark on light whatever the theme: many cameras read no other. @param props.label what it is, for whoever cannot see it */
export function QrCode(props: { text: string; label: string }): JSX.Element {
  const { data, size } = encode(props.text, { ecc: "M", border: 4 });
  const dark = data.flatMap((row, y) => row.map((on, x) => on ? `M${x} ${y}h1v1h-1z` : ""));
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={props.label}
      shape-rendering="crispEdges"
    >
      <rect width={size} height={size} fill="#fff" />
      <path d={dark.join("")} fill="#000" />
    </svg>
  );
}
