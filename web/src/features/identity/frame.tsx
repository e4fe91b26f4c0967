// The frame of the two views without a shell: logging in and the first set-up.
import type { ReactNode } from "react";
import { Brand } from "../../ui/brand";

export function Frame({ title, sub, children, foot }: { title: string; sub: ReactNode; children: ReactNode; foot?: ReactNode }) {
  return (
    <main className="grid h-full place-items-center overflow-y-auto p-4">
      <div className="w-full max-w-[400px] py-6">
        <div className="mb-6 flex justify-center">
          <Brand />
        </div>
        <div className="rounded-2xl border border-line bg-panel p-6 shadow-pop max-sm:p-5">
          <h1 className="font-semibold text-xl tracking-tight">{title}</h1>
          <div className="mt-1 mb-5 text-ink2 first-letter:uppercase">{sub}</div>
          {children}
        </div>
        {foot && <p className="mt-4 text-center text-ink3 text-xs">{foot}</p>}
      </div>
    </main>
  );
}
