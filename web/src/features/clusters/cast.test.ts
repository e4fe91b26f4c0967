import { describe, expect, it } from "vitest";
import { CastPlayer, castParse, castShorten } from "./cast";

const HEAD = JSON.stringify({ version: 2, width: 80, height: 24, timestamp: 1_700_000_000 });
const text = [HEAD, '[0.5,"o","a"]', '[1,"i","x"]', '[1.5,"r","100x30"]', '[20,"o","b"]', ""].join("\n");

function screen() {
  const said: string[] = [];
  return {
    said,
    reset: (columns: number, rows: number) => void said.push(`reset ${columns}x${rows}`),
    write: (data: string) => void (data && said.push(data)),
    resize: (columns: number, rows: number) => void said.push(`size ${columns}x${rows}`),
  };
}

describe("a recording", () => {
  it("is read line by line", () => {
    const cast = castParse(text);
    expect(cast).toMatchObject({ columns: 80, rows: 24, began: 1_700_000_000_000, length: 20 });
    expect(cast.events).toHaveLength(4);
  });

  it("may be broken off, and may not be something else", () => {
    expect(castParse(`${HEAD}\n[1,"o","a"]\n[2,"o"`).events).toHaveLength(1);
    expect(() => castParse("not json")).toThrow(/no recording/);
    expect(() => castParse('{"version":1,"width":80,"height":24}')).toThrow(/cannot be played/);
  });

  it("goes on in time even where its clock went back", () => {
    const cast = castParse(`${HEAD}\n[5,"o","a"]\n[3,"o","b"]`);
    expect(cast.events.map((event) => event.at)).toEqual([5, 5]);
  });

  it("is shortened by its pauses only", () => {
    const cast = castShorten(castParse(text), 2);
    expect(cast.events.map((event) => event.at)).toEqual([0.5, 1, 1.5, 3.5]);
    expect(cast.length).toBe(3.5);
    expect(castShorten(castParse(text), null).length).toBe(20);
  });

  it("is played forwards, and backwards from the beginning", () => {
    const shown = screen();
    const player = new CastPlayer(castParse(text), shown);
    player.show(1.6);
    expect(shown.said).toEqual(["reset 80x24", "a", "size 100x30"]);
    player.show(25);
    expect(shown.said.at(-1)).toBe("b");
    expect(player.now).toBe(20);
    player.show(0.6);
    expect(shown.said.slice(-2)).toEqual(["reset 80x24", "a"]);
  });
});
