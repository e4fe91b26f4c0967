// Form controls with their labels, hints and errors tied together for screen readers.
import { Eye, EyeOff } from "lucide-react";
import {
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
  useState,
} from "react";
import { cx } from "./cx";

export const INPUT =
  "rounded-lg border border-line bg-raise px-2.5 text-ink hover:border-edge focus-visible:border-accent focus-visible:outline-offset-0 aria-[invalid=true]:border-bad-mark read-only:[&:not(select)]:bg-bg read-only:[&:not(select)]:text-ink2 disabled:bg-bg disabled:text-ink2 disabled:hover:border-line";

interface FrameProps {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  children: (ids: { id: string; describedBy: string | undefined }) => ReactNode;
}

function Frame({ label, hint, error, children }: FrameProps) {
  const id = useId();
  const noteId = `${id}-note`;
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-medium text-sm">
        {label}
      </label>
      {children({ id, describedBy: hint || error ? noteId : undefined })}
      {(error || hint) && (
        <div id={noteId} className={cx("text-xs", error ? "text-bad" : "text-ink3")}>
          {error ?? hint}
        </div>
      )}
    </div>
  );
}

interface TextProps extends InputHTMLAttributes<HTMLInputElement> {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  ref?: Ref<HTMLInputElement>;
}

export function TextField({ label, hint, error, className, type = "text", ...rest }: TextProps) {
  const [shown, setShown] = useState(false);
  const secret = type === "password";
  return (
    <Frame label={label} hint={hint} error={error}>
      {({ id, describedBy }) => (
        <div className="relative">
          <input
            {...rest}
            id={id}
            type={secret && shown ? "text" : type}
            aria-invalid={error ? true : undefined}
            aria-describedby={describedBy}
            className={cx(INPUT, "h-9 w-full max-md:h-11 max-md:text-base", secret && "pr-10", className)}
          />
          {secret && (
            <button
              type="button"
              onClick={() => setShown(!shown)}
              aria-label={shown ? "Hide password" : "Show password"}
              className="absolute top-1/2 right-1.5 grid size-7 -translate-y-1/2 place-items-center rounded-md text-ink3 hover:text-ink"
            >
              {shown ? <EyeOff size={15} aria-hidden /> : <Eye size={15} aria-hidden />}
            </button>
          )}
        </div>
      )}
    </Frame>
  );
}

interface AreaProps extends TextareaHTMLAttributes<HTMLTextAreaElement> {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  ref?: Ref<HTMLTextAreaElement>;
}

export function TextArea({ label, hint, error, className, ...rest }: AreaProps) {
  return (
    <Frame label={label} hint={hint} error={error}>
      {({ id, describedBy }) => (
        <textarea
          {...rest}
          id={id}
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy}
          className={cx(INPUT, "min-h-16 w-full py-1.5 max-md:text-base", className)}
        />
      )}
    </Frame>
  );
}

interface SelectProps extends SelectHTMLAttributes<HTMLSelectElement> {
  label: ReactNode;
  hint?: ReactNode;
  options: readonly (readonly [string, string])[];
}

export function SelectField({ label, hint, options, className, ...rest }: SelectProps) {
  return (
    <Frame label={label} hint={hint}>
      {({ id, describedBy }) => (
        <select
          {...rest}
          id={id}
          aria-describedby={describedBy}
          className={cx(INPUT, "h-9 w-full max-md:h-11 max-md:text-base", className)}
        >
          {options.map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Frame>
  );
}

/** A small select without a visible label, for toolbars. */
export function ToolSelect({ label, options, className, ...rest }: Omit<SelectProps, "label" | "hint"> & { label: string }) {
  return (
    <select {...rest} aria-label={label} className={cx(INPUT, "h-8 max-md:h-10", className)}>
      {options.map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
}

export function CheckField({
  label,
  hint,
  ...rest
}: InputHTMLAttributes<HTMLInputElement> & { label: ReactNode; hint?: ReactNode; ref?: Ref<HTMLInputElement> }) {
  const id = useId();
  return (
    <div className="flex items-start gap-2.5">
      <input {...rest} id={id} type="checkbox" aria-describedby={hint ? `${id}-note` : undefined} className="check mt-0.5" />
      <div>
        <label htmlFor={id} className={cx("font-medium in-disabled:text-ink2", rest.disabled && "text-ink2")}>
          {label}
        </label>
        {hint && (
          <div id={`${id}-note`} className="text-ink3 text-xs">
            {hint}
          </div>
        )}
      </div>
    </div>
  );
}
