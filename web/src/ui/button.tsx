// Buttons. One that may not be pressed is not hidden: `reason` disables it, stays reachable by keyboard and says why; a refusal by one's
// role is explained on a click, with the offer to request access.
import { LoaderCircle } from "lucide-react";
import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { type Reason, whyAsk } from "../api/me";
import { cx } from "./cx";
import { Tip } from "./tip";

const LOOKS = {
  plain: "border border-line bg-raise text-ink hover:bg-hover hover:border-edge",
  primary: "border border-accent bg-accent text-accent-ink hover:bg-accent-strong hover:border-accent-strong",
  danger: "border border-line bg-raise text-bad hover:bg-bad-soft hover:border-bad-mark",
  alarm: "border border-bad-mark bg-bad-soft text-bad hover:bg-bad-mark hover:text-panel",
  ghost: "border border-transparent bg-transparent text-ink2 hover:bg-hover hover:text-ink",
};

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: keyof typeof LOOKS;
  size?: "md" | "sm";
  /** Set: the button does nothing and says this on hover and focus. */
  reason?: Reason;
  busy?: boolean;
  icon?: ReactNode;
  ref?: Ref<HTMLButtonElement>;
}

export function buttonClass(look: keyof typeof LOOKS = "plain", size: "md" | "sm" = "md", square = false): string {
  return cx(
    "inline-flex shrink-0 select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-lg font-medium text-sm transition-colors",
    size === "md" ? "h-8 max-md:h-10" : "h-7 max-md:h-9",
    square ? (size === "md" ? "w-8 max-md:w-10" : "w-7 max-md:w-9") : size === "md" ? "px-3" : "px-2.5",
    LOOKS[look],
  );
}

export function Button({
  look = "plain",
  size = "md",
  reason,
  busy = false,
  icon,
  className,
  children,
  onClick,
  type = "button",
  ...rest
}: ButtonProps) {
  const blocked = Boolean(reason) || busy;
  const says = typeof reason === "string" ? reason : reason && `${reason.text} Press to see why.`;
  const button = (
    <button
      // A plain button unless the form says otherwise.
      type={type}
      aria-disabled={blocked || undefined}
      aria-busy={busy || undefined}
      // The hint is drawn only on hover and focus; this is what a screen reader says.
      aria-description={says || undefined}
      className={cx(
        buttonClass(look, size, !children),
        blocked && "opacity-55",
        rest.disabled && "pointer-events-none opacity-55",
        className,
      )}
      onClick={(event) => {
        if (!blocked) {
          onClick?.(event);
          return;
        }
        event.preventDefault();
        if (typeof reason === "object" && reason !== null) whyAsk(reason, event.currentTarget);
      }}
      {...rest}
    >
      {busy ? <LoaderCircle size={14} className="spin" aria-hidden /> : icon}
      {children}
    </button>
  );
  return says ? <Tip text={says}>{button}</Tip> : button;
}
