// A secret that is shown once: selectable, with a button that copies it, never kept anywhere.
import { CopyButton } from "./copy";
import { Notice } from "./states";

export function Secret({ text, label, note }: { text: string; label: string; note?: string }) {
  return (
    <div className="flex flex-col gap-3">
      <div className="flex items-center gap-2 rounded-lg border border-line bg-bg p-2 pl-3">
        <div
          data-testid="secret"
          role="textbox"
          aria-readonly="true"
          tabIndex={0}
          aria-label={label}
          className="min-w-0 flex-1 select-all break-all font-mono text-xs"
        >
          {text}
        </div>
        <CopyButton text={text} size="sm" />
      </div>
      {note && <Notice tone="warn">{note}</Notice>}
    </div>
  );
}
