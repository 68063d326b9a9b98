//! What the database says: clock, certificates, and work that waits for somebody.
use std::collections::BTreeSet;

use cfdi::List;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Finding, chain};
use crate::config::Config;
use crate::db::{Conn, Db, DbResult, Timestamp, known_schema};
use shared::profiles::ProfileName;

use crate::issuers::Scope;
use crate::issuers::custody::{self, MASTER_KEY_FILE, Vault, WARNED_DAYS};
use crate::ops::database;
use crate::ops::start::World;
use crate::{audit, billing, catalogs, installation, issuers, jobs, mail, tickets};

const DAY_SECONDS: i64 = 86_400;
/// A clock this far behind what it said before is wrong (F15).
const SKEW_MAX_SECONDS: i64 = 60;
/// Days before its end at which one should hear of a certificate, at which it is urgent, and at which there may be no time.
const TERM_FIRST_DAYS: i64 = WARNED_DAYS[0];
const TERM_URGENT_DAYS: i64 = WARNED_DAYS[1];
const TERM_LAST_DAYS: i64 = WARNED_DAYS[2];
/// An invoice may wait this long; at 72 h the SAT refuses its date (F7).
const WAITING_MAX_SECONDS: i64 = 48 * 3_600;
/// Postal codes of branches that are looked at.
const POSTAL_CODES_MAX: i64 = 5_000;
/// Companies whose sales are looked at, and sales of each.
const ISSUERS_MAX: u32 = 100;
const SALES_MAX: i64 = 50;
/// Letters of this long are looked at.
const LETTERS_DAYS: i64 = 7;

/// What was found, and whether the installation is a rehearsal, if that is known.
pub(super) async fn examine(config: &Config, world: &World) -> (Vec<Finding>, Option<bool>) {
    let what = "database";
    let db = match database::open(config).await {
        Ok(db) => db,
        Err(error) => {
            let seen = error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ");
            return (vec![Finding::fault(what, seen, "see that it runs and that database_url is right")], None);
        }
    };
    let mut findings = vec![Finding::good(what, format!("reached, schema {}", known_schema()))];
    let rehearsal = installation::get(&db, "mode").await.ok().flatten().map(|mode| mode == "rehearsal");
    match questions(&db, config, world).await {
        Ok(found) => findings.extend(found),
        Err(error) => findings.push(Finding::fault(what, chain(&error), "see the log of the database")),
    }
    db.close().await;
    (findings, rehearsal)
}

async fn questions(db: &Db, config: &Config, world: &World) -> DbResult<Vec<Finding>> {
    let now = world.clock.now();
    let mut conn = db.read().await?;
    let mut findings = vec![clock(audit::newest(&mut conn).await?, now)];
    let terms = custody::terms(&mut conn, now).await?;
    if terms.is_empty() {
        findings.push(Finding::good("certificates", "no company yet"));
    }
    findings.extend(terms.iter().map(|(issuer, until)| certificate(issuer, *until, now)));
    findings.push(money(&mut conn, config).await?);
    findings.push(profiles(&mut conn, config).await?);
    findings.push(lists(&mut conn, now).await?);
    findings.push(sealing_keys(&mut conn, config, world, now).await?);
    findings.push(parked(jobs::count_parked(&mut conn).await?));
    findings.push(waiting(billing::verify::oldest_waiting(&mut conn).await?, now));
    let failed = mail::count_failed_since(&mut conn, now.plus_seconds(-LETTERS_DAYS * DAY_SECONDS)).await?;
    findings.push(letters(failed, mail::count_refused(&mut conn).await?));
    Ok(findings)
}

/// Companies that the settings of payments name and that are not there: their customers would be offered no bank.
async fn money(conn: &mut impl Conn, config: &Config) -> DbResult<Finding> {
    let (what, settings) = ("payments", &config.payments);
    let merchants = settings.merchants.iter().map(|merchant| ("merchants", merchant.issuer.as_str()));
    let applied = settings.erp_applies.iter().map(|slug| ("erp_applies", slug.as_str()));
    let day_rate = settings.day_rate.iter().map(|slug| ("day_rate", slug.as_str()));
    let mut unknown = Vec::new();
    for (setting, slug) in merchants.chain(applied).chain(day_rate) {
        if issuers::service::find_by_slug(conn, slug).await?.is_none() {
            unknown.push(format!("payments.{setting} names {slug}"));
        }
    }
    if unknown.is_empty() {
        return Ok(Finding::good(what, format!("{} accounts at banks", settings.merchants.len())));
    }
    let remedy = "write the company's short name as it stands in its addresses";
    Ok(Finding::fault(what, format!("no such company: {}", unknown.join(", ")), remedy))
}

/// Companies that the profiles name and that are not there: whoever meant another one would see our own portal.
async fn profiles(conn: &mut impl Conn, config: &Config) -> DbResult<Finding> {
    let what = "profiles";
    let (mut named, mut unknown) = (0, Vec::new());
    for (name, words) in [(ProfileName::Cit, "cit"), (ProfileName::Ticket, "ticket"), (ProfileName::Canon, "canon")] {
        for slug in config.profiles.of(name) {
            named += 1;
            if issuers::service::find_by_slug(conn, slug).await?.is_none() {
                unknown.push(format!("profiles.{words} names {slug}"));
            }
        }
    }
    if unknown.is_empty() {
        return Ok(Finding::good(what, format!("{named} companies follow one")));
    }
    let remedy = "write the company's short name as it stands in its addresses";
    Ok(Finding::fault(what, format!("no such company: {}", unknown.join(", ")), remedy))
}

/// The SAT's lists that are at hand, and what of ours they do not have: of such a branch, or such an article, every invoice
/// would be refused.
async fn lists(conn: &mut impl Conn, now: Timestamp) -> DbResult<Finding> {
    let what = "catalogs";
    let kept = catalogs::at_hand(conn).await?;
    if kept.is_empty() {
        return Ok(Finding::good(what, "none at hand: `ventanilla catalogs import` takes the SAT's workbook"));
    }
    let branches = issuers::service::list_postal_codes(conn, POSTAL_CODES_MAX).await?;
    let branches = branches.into_iter().map(|code| (List::CodigoPostal, code)).collect();
    let today = now.jiff().to_zoned(TimeZone::UTC).date();
    let sales = of_open_sales(conn, today).await?;
    let day = today.to_string();
    let mut seen = Vec::new();
    for (whose, codes) in [("of branches", branches), ("of sales to be invoiced", sales)] {
        let lists = catalogs::lists_for(conn, &codes).await?;
        let refused = codes.iter().filter(|(list, code)| lists.fault(*list, code, &day).is_some());
        let refused: Vec<String> = refused.map(|(list, code)| format!("{} {code}", list.name())).collect();
        if !refused.is_empty() {
            seen.push(format!("codes {whose} that are in no list, or no longer: {}", refused.join(", ")));
        }
    }
    if seen.is_empty() {
        let told: Vec<String> = kept.iter().map(|list| format!("{} ({})", list.name, list.codes)).collect();
        return Ok(Finding::good(what, told.join(", ")));
    }
    let remedy = "correct the branch in the console or the article at the till, or import the SAT's lists of today";
    Ok(Finding::warning(what, seen.join("; "), remedy))
}

/// What the newest open sales of each company take from the lists.
async fn of_open_sales(conn: &mut impl Conn, today: Date) -> DbResult<BTreeSet<(List, String)>> {
    let mut codes = BTreeSet::new();
    for issuer in issuers::service::list_issuers(conn, ISSUERS_MAX).await? {
        for sale in tickets::service::list_open(conn, Scope::of(issuer.id), today, SALES_MAX).await? {
            for line in sale.lines {
                codes.insert((List::ClaveProdServ, line.clave_prod_serv));
                codes.insert((List::ClaveUnidad, line.clave_unidad));
            }
        }
    }
    Ok(codes)
}

fn clock(newest: Option<Timestamp>, now: Timestamp) -> Finding {
    let what = "clock";
    match newest {
        Some(newest) if newest.seconds_since(now) > SKEW_MAX_SECONDS => {
            let seen = format!("it says {now}, and the newest record was written at {newest}");
            Finding::fault(what, seen, "set the clock (timedatectl, chrony): the SAT refuses a wrong date")
        }
        _ => Finding::good(what, format!("it says {now}")),
    }
}

fn certificate(issuer: &str, until: Option<Timestamp>, now: Timestamp) -> Finding {
    let what = "certificate";
    let remedy = "ask the SAT for a new CSD and load it: two may live side by side";
    let Some(until) = until else {
        return Finding::fault(what, format!("{issuer} has none that seals now"), remedy);
    };
    let days = until.seconds_since(now) / DAY_SECONDS;
    let seen = format!("{issuer}: {days} days left");
    if days <= TERM_LAST_DAYS {
        Finding::fault(what, seen, remedy)
    } else if days <= TERM_URGENT_DAYS {
        Finding::warning(what, format!("{seen}: do it this week"), remedy)
    } else if days <= TERM_FIRST_DAYS {
        Finding::warning(what, seen, remedy)
    } else {
        Finding::good(what, seen)
    }
}

/// Whether the sealing keys open with the master key that is in the data folder.
pub(in crate::ops) async fn sealing_keys(
    conn: &mut impl Conn,
    config: &Config,
    world: &World,
    now: Timestamp,
) -> DbResult<Finding> {
    let what = "sealing keys";
    let remedy =
        format!("put the {MASTER_KEY_FILE} of this installation into the data folder: without it nothing is sealed");
    // Opening the vault would make a key where there is none.
    if !config.data_dir.join(MASTER_KEY_FILE).exists() {
        return Ok(Finding::warning(what, "not tried: there is no master key", remedy));
    }
    let vault = match Vault::open(&config.data_dir, &world.ids) {
        Ok(vault) => vault,
        Err(error) => return Ok(Finding::fault(what, chain(&error), remedy)),
    };
    let closed = custody::unopened(&vault, conn, now).await?;
    Ok(match closed.first() {
        Some(error) => {
            Finding::fault(what, format!("{} do not open; the first: {}", closed.len(), chain(error)), remedy)
        }
        None => Finding::good(what, "all open"),
    })
}

fn parked(count: i64) -> Finding {
    match count {
        0 => Finding::good("parked work", "none"),
        _ => Finding::fault(
            "parked work",
            format!("{count} jobs were given up"),
            "`ventanilla jobs list` says which and why; mend that, then `ventanilla jobs retry --all`",
        ),
    }
}

fn waiting(oldest: Option<Timestamp>, now: Timestamp) -> Finding {
    let what = "waiting for the PAC";
    let Some(oldest) = oldest else { return Finding::good(what, "no invoice") };
    let seconds = now.seconds_since(oldest);
    let seen = format!("the oldest invoice since {} h {} min", seconds / 3_600, seconds / 60 % 60);
    if seconds > WAITING_MAX_SECONDS {
        Finding::fault(what, seen, "call the PAC: at 72 h the SAT refuses the date of an invoice")
    } else {
        Finding::good(what, seen)
    }
}

fn letters(failed: i64, refused: i64) -> Finding {
    let resting = match refused {
        0 => String::new(),
        _ => format!("; {refused} addresses are refused by their servers"),
    };
    match (failed, refused) {
        (0, 0) => Finding::good("letters", format!("none failed in {LETTERS_DAYS} days")),
        _ => Finding::warning(
            "letters",
            format!("{failed} failed in {LETTERS_DAYS} days{resting}"),
            "wrong addresses are usual: the console marks their people; search the log for \"a letter was refused\"; what \
             was given up is in `ventanilla jobs list`",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::new(text.parse().unwrap())
    }

    #[test]
    fn a_clock_behind_its_own_records_is_wrong() {
        let now = at("2026-11-22T10:00:00Z");
        assert_eq!(clock(None, now).verdict, Verdict::Good);
        assert_eq!(clock(Some(now.plus_seconds(60)), now).verdict, Verdict::Good);
        assert_eq!(clock(Some(now.plus_seconds(61)), now).verdict, Verdict::Fault);
    }

    #[test]
    fn a_certificate_is_warned_of_before_it_ends() {
        let now = at("2026-11-22T10:00:00Z");
        let verdict = |days: i64| certificate("abarrotes", Some(now.plus_seconds(days * DAY_SECONDS)), now).verdict;
        assert_eq!(
            [61, 60, 30, 8, 7].map(verdict),
            [Verdict::Good, Verdict::Warning, Verdict::Warning, Verdict::Warning, Verdict::Fault]
        );
        assert_eq!(certificate("abarrotes", None, now).verdict, Verdict::Fault);
    }

    #[test]
    fn refused_addresses_are_counted() {
        let said = |failed, refused| letters(failed, refused).seen;
        assert_eq!(said(0, 0), "none failed in 7 days");
        assert_eq!(said(2, 0), "2 failed in 7 days");
        assert_eq!(said(0, 3), "0 failed in 7 days; 3 addresses are refused by their servers");
        assert_eq!(letters(0, 1).verdict, Verdict::Warning);
    }

    #[test]
    fn an_invoice_may_wait_two_days() {
        let now = at("2026-11-22T10:00:00Z");
        assert_eq!(waiting(None, now).verdict, Verdict::Good);
        assert_eq!(waiting(Some(now.plus_seconds(-48 * 3_600)), now).verdict, Verdict::Good);
        let late = waiting(Some(now.plus_seconds(-48 * 3_600 - 60)), now);
        assert_eq!((late.verdict, late.seen.as_str()), (Verdict::Fault, "the oldest invoice since 48 h 1 min"));
    }
}
