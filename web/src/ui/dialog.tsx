// A dialog: centred on wide screens, a sheet from the bottom on narrow ones, where thumbs are.
import { Dialog as Base } from "@base-ui/react/dialog";
import { X } from "lucide-react";
import type { ReactNode, RefObject } from "react";
import { buttonClass } from "./button";
import { cx } from "./cx";

interface DialogProps {
  open: boolean;
  onClose: () => void;
  title: ReactNode;
  description?: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
  wide?: boolean;
  /** What gets the focus first; the first control otherwise. */
  focus?: RefObject<HTMLElement | null>;
}

export function Dialog({ open, onClose, title, description, children, footer, wide = false, focus }: DialogProps) {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className="pop fixed inset-0 z-40 bg-veil" />
        <Base.Popup
          initialFocus={focus}
          className={cx(
            "pop fixed z-50 flex flex-col border border-line bg-panel shadow-pop outline-none",
            "inset-x-0 bottom-0 max-h-[92dvh] rounded-t-2xl sm:inset-x-auto sm:top-[12vh] sm:bottom-auto sm:left-1/2 sm:max-h-[76vh] sm:-translate-x-1/2 sm:rounded-xl",
            wide ? "sm:w-[620px]" : "sm:w-[480px]",
          )}
        >
          <header className="flex items-start gap-3 px-5 pt-4 pb-3">
            <div className="min-w-0 flex-1 pr-8">
              <Base.Title className="font-semibold text-lg tracking-tight">{title}</Base.Title>
              {description && <Base.Description className="mt-0.5 text-ink2">{description}</Base.Description>}
            </div>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-4">{children}</div>
          {footer && (
            <footer className="flex flex-wrap items-center justify-end gap-2 border-line border-t px-5 py-3 pb-[max(12px,env(safe-area-inset-bottom))]">
              {footer}
            </footer>
          )}
          {/* Last in the order of Tab, so that a dialog begins with its own controls. */}
          <Base.Close className={cx(buttonClass("ghost", "sm", true), "absolute top-3 right-3")} aria-label="Close">
            <X size={16} aria-hidden />
          </Base.Close>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
