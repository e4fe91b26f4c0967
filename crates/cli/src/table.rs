//! Tables and details as text: no borders, one line a row, never wider than the terminal.
//!
//! A cell that is cut ends in `…`. Where even that is not enough room, whole columns are left out, the least important first: a table
//! that wraps cannot be read, and a name that is cut cannot be typed. Without a terminal nothing is cut or left out.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::out::clean;

/// Spaces between columns.
const GAP: usize = 2;
/// A column of text keeps at least so much of its width before other columns are left out for it.
const TEXT_MIN: usize = 16;

/// What a text's colour says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Good,
    Warn,
    Bad,
    Muted,
    /// A table's header.
    Strong,
}

impl Tone {
    /// The text with this tone's escape sequence.
    pub(crate) fn paint(self, text: &str) -> String {
        let code = match self {
            Self::Plain => return text.to_owned(),
            Self::Good => 32,
            Self::Warn => 33,
            Self::Bad => 31,
            Self::Muted => 90,
            Self::Strong => 1,
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// One cell.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    pub(crate) fn new(text: impl Into<String>, tone: Tone) -> Self {
        // One line a row: line ends inside a text become spaces.
        Self { text: clean(&text.into()).replace(['\n', '\t'], " "), tone }
    }
}

impl<T: Into<String>> From<T> for Cell {
    fn from(text: T) -> Self {
        Self::new(text, Tone::Plain)
    }
}

/// One column: its title, whether its cells may be cut, and whether it may be left out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    title: &'static str,
    cut: bool,
    optional: bool,
}

/// A column that is always whole.
pub(crate) const fn whole(title: &'static str) -> Column {
    Column { title, cut: false, optional: false }
}

/// A column of text, cut when there is not enough room.
pub(crate) const fn text(title: &'static str) -> Column {
    Column { title, cut: true, optional: false }
}

impl Column {
    /// The same, left out on narrow terminals; of several, the rightmost first.
    pub(crate) const fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

/// Rows under a header, or pairs of label and value.
pub(crate) struct Table {
    columns: Vec<Column>,
    header: bool,
    rows: Vec<Vec<Cell>>,
}

impl Table {
    /// A list.
    pub(crate) fn new(columns: impl Into<Vec<Column>>) -> Self {
        Self { columns: columns.into(), header: true, rows: Vec::new() }
    }

    /// Pairs of label and value.
    pub(crate) fn details() -> Self {
        Self { columns: vec![whole(""), text("")], header: false, rows: Vec::new() }
    }

    /// Adds a row with a cell for each column.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        self.rows.push(cells.into_iter().collect());
    }

    /// A label and its value; nothing when the value is empty.
    pub(crate) fn pair(&mut self, label: &'static str, value: impl Into<Cell>) {
        let value = value.into();
        if !value.text.is_empty() {
            self.rows.push(vec![Cell::new(format!("{label}:"), Tone::Muted), value]);
        }
    }

    /// As text. `width` is the terminal's; without one nothing is cut.
    pub(crate) fn render(&self, width: Option<u16>, colour: bool) -> String {
        let header: Vec<Cell> = self.columns.iter().map(|column| Cell::new(column.title, Tone::Strong)).collect();
        let lines: Vec<&Vec<Cell>> = self.header.then_some(&header).into_iter().chain(&self.rows).collect();
        let natural = |place: usize| lines.iter().filter_map(|row| row.get(place)).map(|cell| cell.text.width()).max().unwrap_or(0);
        let wanted = self.columns.iter().enumerate().map(|(place, column)| (place, *column, natural(place))).collect();
        let shown = fit(wanted, width.map(usize::from));
        lines.iter().map(|row| draw(row, &shown, width.map(usize::from), colour)).collect::<Vec<_>>().join("\n")
    }
}

/// The places of the columns to show and how wide each becomes.
fn fit(mut wanted: Vec<(usize, Column, usize)>, width: Option<usize>) -> Vec<(usize, usize)> {
    let Some(width) = width else { return wanted.into_iter().map(|(place, _, natural)| (place, natural)).collect() };
    let least = |column: &Column, natural: usize| if column.cut { natural.min(TEXT_MIN) } else { natural };
    let needed = |columns: &[(usize, Column, usize)]| {
        columns.iter().map(|(_, column, natural)| least(column, *natural)).sum::<usize>() + GAP * columns.len().saturating_sub(1)
    };
    while needed(&wanted) > width {
        let Some(dropped) = wanted.iter().rposition(|(_, column, _)| column.optional) else { break };
        wanted.remove(dropped);
    }
    let mut room = width.saturating_sub(needed(&wanted));
    let mut shown: Vec<(usize, usize)> = wanted.iter().map(|(place, column, natural)| (*place, least(column, *natural))).collect();
    // What is left goes to the columns that want more, the narrowest of them first, a character at a time.
    while room > 0 {
        let hungry = shown.iter_mut().zip(&wanted).filter(|((_, now), (_, _, natural))| now < natural).map(|(column, _)| column);
        let Some((_, narrowest)) = hungry.min_by_key(|(_, now)| *now) else { break };
        *narrowest += 1;
        room -= 1;
    }
    shown
}

fn draw(row: &[Cell], shown: &[(usize, usize)], width: Option<usize>, colour: bool) -> String {
    let mut line = String::new();
    let mut used = 0;
    for (nth, (place, column)) in shown.iter().enumerate() {
        let Some(cell) = row.get(*place) else { continue };
        let start = if nth == 0 { 0 } else { used + GAP };
        // The last resort on a very narrow terminal: what does not fit at all is cut at its edge.
        let room = width.map_or(*column, |width| (*column).min(width.saturating_sub(start)));
        if cell.text.is_empty() || room == 0 {
            used = start + column;
            continue;
        }
        let missing = start - line_width(&line);
        line.extend(std::iter::repeat_n(' ', missing));
        let text = cut(&cell.text, room);
        line.push_str(&if colour { cell.tone.paint(&text) } else { text });
        used = start + column;
    }
    line
}

/// Columns a line takes, escape sequences aside.
fn line_width(line: &str) -> usize {
    let mut width = 0;
    let mut escaped = false;
    for c in line.chars() {
        match (escaped, c) {
            (false, '\u{1b}') => escaped = true,
            (true, 'm') => escaped = false,
            (true, _) => {}
            (false, c) => width += c.width().unwrap_or(0),
        }
    }
    width
}

/// The text in at most `room` columns, ending in `…` when it was cut.
fn cut(text: &str, room: usize) -> String {
    if text.width() <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used > room {
            break;
        }
        kept.push(c);
    }
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Table {
        let mut table = Table::new([whole("NAME"), whole("STATUS"), text("DETAIL"), text("TAGS").optional()]);
        table.row(["alpha".into(), Cell::new("online", Tone::Good), "node server.js".into(), "prod".into()]);
        let detail = "offline unexpectedly since the network went away\u{1b}[2J";
        table.row(["beta-with-a-long-name".into(), Cell::new("offline", Tone::Bad), detail.into(), "".into()]);
        table
    }

    #[test]
    fn tables_are_whole_when_nothing_limits_them() {
        insta::assert_snapshot!(sample().render(None, false));
    }

    #[test]
    fn tables_fit_any_terminal() {
        for width in [1, 5, 20, 40, 60, 80, 200] {
            for colour in [false, true] {
                let drawn = sample().render(Some(width), colour);
                assert_eq!(drawn.lines().count(), 3, "{width}: {drawn}");
                assert!(drawn.lines().all(|line| line_width(line) <= usize::from(width)), "{width}: {drawn}");
            }
        }
        insta::assert_snapshot!("sixty_columns", sample().render(Some(60), false));
        insta::assert_snapshot!("forty_columns", sample().render(Some(40), false));
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(cut("日本語", 6), "日本語");
        assert_eq!(cut("日本語", 5), "日本…");
        assert_eq!(cut("日本語", 4), "日…");
    }

    #[test]
    fn colours_are_only_there_when_asked_for() {
        assert!(!sample().render(Some(80), false).contains("\u{1b}["));
        assert!(sample().render(Some(80), true).contains("\u{1b}[32monline\u{1b}[0m"));
    }

    #[test]
    fn details_leave_out_what_is_empty() {
        let mut details = Table::details();
        details.pair("Name", "alpha");
        details.pair("Address", "");
        details.pair("Workload", "node server.js");
        insta::assert_snapshot!(details.render(None, false));
    }
}
