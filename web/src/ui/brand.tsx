// The sign of the house.
export function Brand({ small = false }: { small?: boolean }) {
  return (
    <span className="inline-flex items-center gap-2.5 font-semibold text-base tracking-tight">
      <svg
        width="22"
        height="22"
        viewBox="0 0 24 24"
        fill="none"
        className="shrink-0 stroke-accent"
        strokeWidth="2.3"
        strokeLinecap="round"
        aria-hidden="true"
      >
        <circle cx="12" cy="12" r="3" />
        <path d="M12 3a9 9 0 0 1 9 9M12 21a9 9 0 0 1-9-9" />
      </svg>
      <span className={small ? "sr-only" : "whitespace-nowrap"}>Mission Control</span>
    </span>
  );
}
