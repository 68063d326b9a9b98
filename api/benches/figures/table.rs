//! The figures as they are printed.
use std::io::Write;

/// Whether a figure is as good as it should be.
#[derive(Debug, Clone, Copy)]
pub enum Aim {
    /// No less than this.
    AtLeast(f64),
    /// No more than this.
    AtMost(f64),
}

struct Row {
    what: String,
    figure: String,
    aim: Option<(String, bool)>,
}

/// Rows in the order of their measuring.
#[derive(Default)]
pub struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// A figure.
    pub fn add(&mut self, what: &str, value: f64, unit: &str) {
        self.rows.push(Row { what: what.to_owned(), figure: figure(value, unit), aim: None });
    }

    /// A figure that has an aim.
    pub fn judge(&mut self, what: &str, value: f64, unit: &str, aim: Aim) {
        let (sign, bound, good) = match aim {
            Aim::AtLeast(bound) => ("≥", bound, value >= bound),
            Aim::AtMost(bound) => ("≤", bound, value <= bound),
        };
        let aim = Some((format!("{sign} {}", figure(bound, unit)), good));
        self.rows.push(Row { what: what.to_owned(), figure: figure(value, unit), aim });
    }

    /// Prints it all. Figures of a build without optimisation are marked as worth nothing.
    pub fn print(&self, unoptimised: bool) {
        let mut out = std::io::stdout().lock();
        let mut line = |text: &str| writeln!(out, "{}", text.trim_end()).unwrap();
        line("");
        for row in &self.rows {
            let aim = row
                .aim
                .as_ref()
                .map_or(String::new(), |(aim, good)| format!("meta {aim}: {}", if *good { "sí" } else { "NO" }));
            line(&format!("  {:<58} {:>16}   {aim}", row.what, row.figure));
        }
        line("");
        if unoptimised {
            line("Sin optimizar: estas cifras no dicen nada. Las buenas son las de make bench.");
        }
    }
}

/// Three significant digits are what such a measure can bear.
fn figure(value: f64, unit: &str) -> String {
    let digits = match value.abs() {
        value if value >= 100.0 => 0,
        value if value >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.digits$} {unit}")
}
