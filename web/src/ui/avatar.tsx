// Two letters for a person.
import { cx } from "./cx";

export function Avatar({ name, size = "md" }: { name: string; size?: "sm" | "md" | "lg" }) {
  const looks = { sm: "size-6 text-[10px]", md: "size-8 text-2xs", lg: "size-12 text-base" };
  const words = name.split(/[\s._-]+/).filter(Boolean);
  const letters = words.length > 1 ? `${words[0]?.[0] ?? ""}${words[1]?.[0] ?? ""}` : name.slice(0, 2);
  return (
    <span
      aria-hidden="true"
      className={cx("grid shrink-0 place-items-center rounded-full bg-accent-soft font-semibold text-accent uppercase", looks[size])}
    >
      {letters}
    </span>
  );
}
