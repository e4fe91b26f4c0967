//! Figures beside their budgets: as the file that scripts read, as a table for the terminal, as the README's table.

use std::{fs, path::Path};

use anyhow::Context;
use comfy_table::{CellAlignment, Table, presets};
use serde::{Deserialize, Serialize};

use crate::machine::Machine;

/// One measured number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figure {
    /// What was measured, in words.
    pub(crate) name: String,
    /// How much.
    pub(crate) value: f64,
    /// Of what.
    pub(crate) unit: String,
    /// The most it may be; none when it is only told.
    pub(crate) budget: Option<f64>,
    /// Whether it is more.
    pub(crate) over_budget: bool,
    /// What measures it again.
    pub(crate) command: String,
}

/// Everything measured in one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    /// Of which source.
    pub(crate) commit: String,
    /// On which machine.
    pub(crate) machine: Machine,
    /// In the order measured.
    pub(crate) figures: Vec<Figure>,
}

impl Report {
    /// Reads what [`Self::write`] wrote.
    pub(crate) fn read(file: &Path) -> anyhow::Result<Self> {
        let text = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        serde_json::from_slice(&text).with_context(|| format!("{} is no file of mc-bench", file.display()))
    }

    /// Writes `DIR/<commit>.json`, whole or not at all, and answers its path.
    pub(crate) fn write(&self, dir: &Path) -> anyhow::Result<std::path::PathBuf> {
        let path = dir.join(format!("{}.json", self.commit));
        let cannot = || format!("cannot write {}", path.display());
        fs::create_dir_all(dir).with_context(cannot)?;
        let unfinished = path.with_extension("json.tmp");
        fs::write(&unfinished, serde_json::to_string_pretty(self)? + "\n").with_context(cannot)?;
        fs::rename(&unfinished, &path).with_context(cannot)?;
        Ok(path)
    }

    /// How many figures are over their budget.
    pub(crate) fn over_budget(&self) -> usize {
        self.figures.iter().filter(|figure| figure.over_budget).count()
    }

    /// The table for the terminal.
    pub(crate) fn table(&self) -> String {
        let mut table = Table::new();
        table.load_preset(presets::NOTHING).set_header(["figure", "measured", "budget", ""]);
        for figure in &self.figures {
            let budget = figure.budget.map(|budget| format!("≤ {}", amount(budget, &figure.unit))).unwrap_or_default();
            let mark = if figure.over_budget { "OVER BUDGET" } else { "" };
            table.add_row([figure.name.clone(), amount(figure.value, &figure.unit), budget, mark.to_owned()]);
        }
        for column in [1, 2] {
            if let Some(column) = table.column_mut(column) {
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
        format!("{table}\n\ncommit {}, {}", self.commit, self.machine.in_words())
    }

    /// The README's table.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::from("| figure | measured | budget |\n|---|---:|---:|\n");
        for figure in &self.figures {
            let budget = figure.budget.map(|budget| format!("≤ {}", amount(budget, &figure.unit))).unwrap_or_default();
            let value = amount(figure.value, &figure.unit);
            let value = if figure.over_budget { format!("**{value}** (over)") } else { value };
            text += &format!("| {} | {value} | {budget} |\n", figure.name);
        }
        text += &format!("\nMeasured with `make bench` at commit `{}` on {}.", self.commit, self.machine.in_words());
        text
    }
}

/// A number with its unit, as people read it: three digits where there are fractions, thousands set apart.
fn amount(value: f64, unit: &str) -> String {
    let decimals = if value.fract() == 0.0 || value.abs() >= 100.0 {
        0
    } else if value.abs() >= 10.0 {
        1
    } else {
        2
    };
    let plain = format!("{value:.decimals$}");
    let (whole, rest) = plain.split_once('.').map_or((plain.as_str(), String::new()), |(whole, rest)| (whole, format!(".{rest}")));
    let mut out = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) && digit.is_ascii_digit() && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    let gap = if unit.is_empty() { "" } else { " " };
    format!("{out}{rest}{gap}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        let figure = |name: &str, value, budget: Option<f64>| Figure {
            name: name.to_owned(),
            value,
            unit: "ms".to_owned(),
            budget,
            over_budget: budget.is_some_and(|budget| value > budget),
            command: "make bench".to_owned(),
        };
        Report {
            commit: "abc".to_owned(),
            machine: Machine { cpu: "A CPU".to_owned(), cores: 2, memory_bytes: 8_000_000_000, kernel: "Linux 6".to_owned() },
            figures: vec![figure("fast", 1.234, Some(3.0)), figure("slow", 12_345.6, Some(25.0)), figure("told", 7.0, None)],
        }
    }

    #[test]
    fn amounts_read_well() {
        let cases = [
            (0.0, "0"),
            (1.234, "1.23"),
            (45.67, "45.7"),
            (123.4, "123"),
            (12_345.6, "12,346"),
            (1_000_000.0, "1,000,000"),
            (100.0, "100"),
        ];
        for (value, text) in cases {
            assert_eq!(amount(value, ""), text);
        }
        assert_eq!(amount(2.5, "MB"), "2.50 MB");
    }

    #[test]
    fn what_is_over_its_budget_is_marked() {
        let report = report();
        assert_eq!(report.over_budget(), 1);
        assert_eq!(report.table().matches("OVER BUDGET").count(), 1);
        assert!(report.markdown().contains("| slow | **12,346 ms** (over) | ≤ 25 ms |"));
        assert!(report.markdown().contains("| told | 7 ms |  |"));
    }

    #[test]
    fn the_file_has_the_shape_that_scripts_read_and_is_read_again() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = report().write(dir.path()).expect("writes");
        assert!(path.ends_with("abc.json"));
        let value: serde_json::Value = serde_json::from_slice(&fs::read(&path).expect("reads")).expect("JSON");
        let keys = |value: &serde_json::Value| {
            let mut keys: Vec<String> = value.as_object().expect("an object").keys().cloned().collect();
            keys.sort();
            keys
        };
        assert_eq!(keys(&value), ["commit", "figures", "machine"]);
        assert_eq!(keys(&value["figures"][0]), ["budget", "command", "name", "over_budget", "unit", "value"]);
        assert_eq!(Report::read(&path).expect("reads"), report());
    }
}
