//! The Banco de México's rates, by its SIE: asked for in the background and kept, never while somebody pays.
use std::time::Duration;

use fiscal::Rate;
use jiff::civil::Date;
use reqwest::redirect::Policy;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::BankSilent;

/// The rate of obligations in dollars, by the day it holds on (`payments.md` 4.7); FIX is by the day it was found.
pub const SERIES: &str = "SF60653";
/// Longest answer read.
const ANSWER_MAX_BYTES: usize = 256 * 1024;
const CONNECT_TIME: Duration = Duration::from_secs(5);
const ANSWER_TIME: Duration = Duration::from_secs(12);

/// Who says the rates of days.
pub struct Banxico {
    origin: String,
    token: SecretString,
    client: reqwest::Client,
}

#[derive(Deserialize)]
struct Answer {
    bmx: Series,
}

#[derive(Deserialize)]
struct Series {
    series: Vec<OneSeries>,
}

#[derive(Deserialize)]
struct OneSeries {
    #[serde(rename = "idSerie")]
    id: String,
    #[serde(default)]
    datos: Vec<Datum>,
}

#[derive(Deserialize)]
struct Datum {
    fecha: String,
    dato: String,
}

fn silent(reason: impl ToString) -> BankSilent {
    BankSilent { reason: reason.to_string() }
}

impl Banxico {
    /// Connects nothing yet.
    pub fn new(url: &str, token: SecretString) -> reqwest::Result<Banxico> {
        let origin = url.trim_end_matches('/').to_owned();
        let https = origin.starts_with("https:");
        let mut builder = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIME)
            .timeout(ANSWER_TIME)
            .redirect(Policy::none())
            .no_proxy()
            .http1_only()
            .https_only(https);
        if !https {
            // The sandbox speaks plain HTTP on this machine.
            builder = builder.tls_certs_only(std::iter::empty());
        }
        Ok(Banxico { origin, token, client: builder.build()? })
    }

    /// The rates of the days between two, both included; days without one are left out.
    pub async fn rates(&self, from: Date, to: Date) -> Result<Vec<(Date, Rate)>, BankSilent> {
        let address = format!("{}/SieAPIRest/service/v1/series/{SERIES}/datos/{from}/{to}", self.origin);
        let request = self.client.get(address).header("Bmx-Token", self.token.expose_secret());
        let mut response = request.send().await.map_err(|error| silent(error.without_url()))?;
        let status = response.status().as_u16();
        if status != 200 {
            return Err(silent(format!("the rates were not told: {status}")));
        }
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(|error| silent(error.without_url()))? {
            if body.len().saturating_add(piece.len()) > ANSWER_MAX_BYTES {
                return Err(silent("an answer beyond the limit"));
            }
            body.extend_from_slice(&piece);
        }
        read(&body)
    }
}

fn read(body: &[u8]) -> Result<Vec<(Date, Rate)>, BankSilent> {
    let answer: Answer = serde_json::from_slice(body).map_err(silent)?;
    let series = answer.bmx.series.into_iter().find(|series| series.id == SERIES);
    let data = series.ok_or_else(|| silent("an answer about another series"))?.datos;
    let mut rates = Vec::with_capacity(data.len());
    for Datum { fecha, dato } in data {
        let dato = dato.trim().replace(',', "");
        // A day without a value says so in letters.
        if dato.starts_with('N') {
            continue;
        }
        let day = Date::strptime("%d/%m/%Y", &fecha).map_err(|_no_day| silent("a day that is none"))?;
        let rate = Rate::parse(&dato).map_err(|_no_rate| silent("a rate that is none"))?;
        rates.push((day, rate));
    }
    Ok(rates)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(data: &str) -> String {
        format!(r#"{{"bmx":{{"series":[{{"idSerie":"SF60653","titulo":"x","datos":[{data}]}}]}}}}"#)
    }

    #[test]
    fn days_without_a_value_are_left_out() {
        let body = answer(
            r#"{"fecha":"18/11/2026","dato":"18.4523"},{"fecha":"19/11/2026","dato":"N/E"},{"fecha":"20/11/2026","dato":"1,018.5"}"#,
        );
        let rates = read(body.as_bytes()).unwrap();
        let told: Vec<_> = rates.iter().map(|(day, rate)| (day.to_string(), rate.to_string())).collect();
        assert_eq!(told, [("2026-11-18".into(), "18.452300".into()), ("2026-11-20".into(), "1018.500000".to_owned())]);
    }

    #[test]
    fn what_is_no_rate_is_not_guessed() {
        for body in [
            answer(r#"{"fecha":"2026-11-18","dato":"18.4523"}"#),
            answer(r#"{"fecha":"18/11/2026","dato":"-1"}"#),
            answer("").replace("SF60653", "SF43718"),
            "{}".to_owned(),
        ] {
            assert!(read(body.as_bytes()).is_err(), "{body}");
        }
        assert!(read(answer("").as_bytes()).unwrap().is_empty());
    }
}
