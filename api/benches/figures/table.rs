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

/// Figures, each told as soon as it is measured: a run takes long, and one that breaks off has told what it had.
pub struct Table;

impl Table {
    /// A figure.
    pub fn add(&mut self, what: &str, value: f64, unit: &str) {
        line(what, &figure(value, unit), "");
    }

    /// A figure that has an aim.
    pub fn judge(&mut self, what: &str, value: f64, unit: &str, aim: Aim) {
        let (sign, bound, good) = match aim {
            Aim::AtLeast(bound) => ("≥", bound, value >= bound),
            Aim::AtMost(bound) => ("≤", bound, value <= bound),
        };
        let good = if good { "sí" } else { "NO" };
        line(what, &figure(value, unit), &format!("meta {sign} {}: {good}", figure(bound, unit)));
    }
}

fn line(what: &str, figure: &str, aim: &str) {
    let text = format!("  {what:<58} {figure:>16}   {aim}");
    writeln!(std::io::stdout().lock(), "{}", text.trim_end()).unwrap();
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
