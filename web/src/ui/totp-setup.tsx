// Setting up an authenticator app: the picture to scan, the key to type where there is no camera, and the field for the first code.
import type { TotpEnrolment } from "../api/types";
import { CodeField } from "./code-field";
import { CopyButton } from "./copy";

function picture(svg: string): string {
  return `data:image/svg+xml;base64,${btoa(svg)}`;
}

interface Props {
  enrolment: TotpEnrolment;
  code: string;
  onCode: (code: string) => void;
  error?: string | undefined;
}

export function TotpSetup({ enrolment, code, onCode, error }: Props) {
  return (
    <div className="flex flex-col gap-4">
      <div className="flex items-start gap-4 max-sm:flex-col max-sm:items-center">
        {/* Scanners want dark on light, whatever the theme. */}
        <img
          src={picture(enrolment.qr_svg)}
          alt="QR code for your authenticator app"
          width={148}
          height={148}
          className="size-[148px] shrink-0 rounded-lg border border-line bg-[#fff] p-1.5"
        />
        <div className="min-w-0 self-stretch">
          <p className="text-ink2">Scan this with an authenticator app, such as the one on your phone or your password manager.</p>
          <p className="mt-2 text-ink3 text-xs">No camera? Type this key into the app:</p>
          <code data-testid="totp-secret" className="mt-0.5 block select-all break-all font-mono text-xs">
            {enrolment.secret}
          </code>
          <CopyButton text={enrolment.secret} size="sm" look="ghost" className="-ml-2.5 mt-1" label="Copy the key" />
        </div>
      </div>
      <CodeField label="Code that the app shows" value={code} onChange={onCode} error={error} />
    </div>
  );
}
