// How the page is built and served while it is worked on.
// `npm run dev` hands /api to a running server: MC_SERVER=https://localhost:8443 by default.
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const server = process.env.MC_SERVER ?? "https://localhost:8443";

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    target: "es2023",
    // The server's content policy knows no data: addresses, so nothing is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
  },
  server: {
    proxy: {
      "/api": { target: server, secure: false, ws: true },
    },
  },
});
