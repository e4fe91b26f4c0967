// Recovery codes, shown once: copied, saved as a file, or printed by hand.
import { Download } from "lucide-react";
import { Button } from "./button";
import { CopyButton } from "./copy";
import { Notice } from "./states";

function save(codes: readonly string[]): void {
  const text = `Recovery codes of Mission Control (${location.host})\nEach works once.\n\n${codes.join("\n")}\n`;
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
  link.download = "mission-control-recovery-codes.txt";
  link.click();
  URL.revokeObjectURL(link.href);
}

export function RecoveryCodes({ codes }: { codes: readonly string[] }) {
  return (
    <div className="flex flex-col gap-3">
      <Notice tone="warn">These are shown only now. Keep them where you keep passwords: each lets you in once without your device.</Notice>
      <ul aria-label="Recovery codes" className="grid grid-cols-2 gap-x-6 gap-y-1.5 rounded-lg border border-line bg-bg p-3.5">
        {codes.map((code) => (
          <li key={code} className="select-all text-center font-mono text-sm">
            {code}
          </li>
        ))}
      </ul>
      <div className="flex gap-2">
        <CopyButton text={codes.join("\n")} label="Copy all" />
        <Button icon={<Download size={14} aria-hidden />} onClick={() => save(codes)}>
          Save as a file
        </Button>
      </div>
    </div>
  );
}
