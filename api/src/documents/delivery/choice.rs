//! Which documents were chosen, a page at a time.
use std::collections::{BTreeSet, HashSet};

use shared::documents::{BundleFormat, Chosen, DocumentFilter};
use uuid::Uuid;

use super::follow;
use crate::App;
use crate::db::{Conn, DbResult};
use crate::documents::model::Asker;
use crate::documents::search::{PlaceKey, Question};
use crate::documents::service::DocumentError;
use crate::documents::store::delivery::{self as store, OwnRow, Reach};
use crate::documents::store::{self as found, FollowerRow, ListedRow};
use crate::issuers::Scope;

/// Documents of one step: their rows are in memory, and each has its line in the audit log.
pub(super) const PAGE_ROWS: usize = 100;

/// A walk through the chosen documents.
pub(super) struct Walk {
    rfc: String,
    only: Option<Scope>,
    way: Way,
    following: Following,
}

/// A document that the walk passes.
pub(super) struct Passed {
    pub row: ListedRow,
    /// It was not chosen: it goes with this chosen invoice.
    pub goes_with: Option<String>,
}

/// What goes with the chosen ones, after them.
enum Following {
    /// Nothing: of a list, and of what is new.
    Nothing,
    /// What goes with these, which were passed so far.
    Of(HashSet<Uuid>),
    /// These, still to come.
    These(Vec<FollowerRow>),
}

impl Following {
    fn begin(format: BundleFormat, chosen: &Chosen) -> Following {
        match (format, chosen) {
            (BundleFormat::Zip, Chosen::Ids(_) | Chosen::Search { .. }) => Following::Of(HashSet::new()),
            _ => Following::Nothing,
        }
    }
}

/// Nobody left anything out.
static NONE: BTreeSet<Uuid> = BTreeSet::new();

enum Way {
    /// Those still to come.
    Ids(Vec<Uuid>),
    Search {
        filter: Box<DocumentFilter>,
        question: Question,
        except: BTreeSet<Uuid>,
        after: Option<PlaceKey>,
        ended: bool,
    },
    /// Issuers with news, and how far of each: the one walked through is the last.
    News(Vec<Reach>),
}

impl Walk {
    /// Begins. One foreign id refuses the whole (B1); of the asker's own, those that were withdrawn are left out.
    pub async fn begin(app: &App, asker: &Asker, chosen: Chosen, format: BundleFormat) -> Result<Walk, DocumentError> {
        let following = Following::begin(format, &chosen);
        let way = match chosen {
            Chosen::Ids(ids) => {
                let own = list_own(app, asker, &ids).await?;
                if own.len() != ids.len() {
                    return Err(DocumentError::NotFound);
                }
                Way::Ids(there(own)?)
            }
            Chosen::Search { filter, except } => {
                let mut conn = app.db.read().await?;
                let question = Question::of(&mut conn, app.now(), &asker.rfc, &filter).await?;
                Way::Search { filter, question, except, after: None, ended: false }
            }
            Chosen::News => Way::News(reaches(app, asker).await?),
        };
        Ok(Walk { rfc: asker.rfc.clone(), only: asker.only, way, following })
    }

    /// The same for an order that was put down: its news go as far as they did then, which is where they were cut, and of
    /// the ids that were judged then those stay that are still there.
    pub async fn begin_at(
        app: &App,
        asker: &Asker,
        chosen: Chosen,
        (format, mut reaches): (BundleFormat, Vec<Reach>),
    ) -> Result<Walk, DocumentError> {
        // What the person saw then may be more than they see now.
        reaches.retain(|reach| asker.only.is_none_or(|only| only.uuid() == reach.issuer_id));
        let following = Following::begin(format, &chosen);
        let way = match chosen {
            Chosen::News => Way::News(reaches),
            Chosen::Ids(ids) => Way::Ids(there(list_own(app, asker, &ids).await?)?),
            chosen @ Chosen::Search { .. } => return Walk::begin(app, asker, chosen, format).await,
        };
        Ok(Walk { rfc: asker.rfc.clone(), only: asker.only, way, following })
    }

    /// Leaves off what is new beyond so many documents: of each issuer the oldest stay, one issuer after the other.
    pub async fn cut_news(&mut self, app: &App, most: u64) -> DbResult<()> {
        let Way::News(reaches) = &mut self.way else { return Ok(()) };
        let mut conn = app.db.read().await?;
        let (mut room, mut left) = (i64::try_from(most).unwrap_or(i64::MAX), 0);
        let mut kept = Vec::new();
        for mut reach in std::mem::take(reaches) {
            let all = store::count_news(&mut conn, &self.rfc, &reach).await?;
            let taken = all.min(room);
            (room, left) = (room - taken, left + all - taken);
            if taken < all {
                // With no room for any, its mark stays where it is.
                let place = match taken {
                    0 => None,
                    _ => store::find_news_place(&mut conn, &self.rfc, &reach, taken - 1).await?,
                };
                let Some(place) = place else { continue };
                reach.last = place;
            }
            kept.push(reach);
        }
        if let Some(last) = kept.last_mut() {
            last.left = left;
        }
        *reaches = kept;
        Ok(())
    }

    /// How many documents it will pass, with those that go with the chosen ones; more than `most` are refused.
    pub async fn count(&self, app: &App, most: u64) -> Result<u64, DocumentError> {
        let mut conn = app.db.read().await?;
        let mut count = self.count_chosen(&mut conn).await?;
        if count <= most && matches!(self.following, Following::Of(_)) {
            let chosen = self.list_chosen(&mut conn, i64::try_from(most).unwrap_or(i64::MAX)).await?;
            let following = follow::list(&mut conn, (&self.rfc, self.only), &chosen, self.except()).await?;
            count = u64::try_from(chosen.len() + following.len()).unwrap_or(u64::MAX);
        }
        if count > most { Err(DocumentError::TooMany(most)) } else { Ok(count) }
    }

    async fn list_chosen(&self, conn: &mut impl Conn, most: i64) -> DbResult<HashSet<Uuid>> {
        match &self.way {
            Way::Ids(ids) => Ok(ids.iter().copied().collect()),
            Way::Search { filter, question, except, .. } => {
                let search = question.search((&self.rfc, self.only), filter);
                let limit = most.saturating_add(i64::try_from(except.len()).unwrap_or(0));
                let all = found::list_all_ids(conn, &search, limit).await?;
                Ok(all.into_iter().filter(|id| !except.contains(id)).collect())
            }
            Way::News(_) => Ok(HashSet::new()),
        }
    }

    /// What the asker left out by name.
    fn except(&self) -> &BTreeSet<Uuid> {
        match &self.way {
            Way::Search { except, .. } => except,
            Way::Ids(_) | Way::News(_) => &NONE,
        }
    }

    async fn count_chosen(&self, conn: &mut impl Conn) -> DbResult<u64> {
        let count = match &self.way {
            Way::Ids(ids) => i64::try_from(ids.len()).unwrap_or(i64::MAX),
            Way::Search { filter, question, except, .. } => {
                let search = question.search((&self.rfc, self.only), filter);
                let sums = found::sums(conn, &search).await?;
                let all: i64 = sums.iter().map(|(_, _, _, found, _)| found).sum();
                let except: Vec<Uuid> = except.iter().copied().collect();
                let left_out = store::count_ids(conn, (&self.rfc, self.only), &except).await?;
                all - i64::try_from(left_out).unwrap_or(0)
            }
            Way::News(reaches) => count_news(conn, &self.rfc, reaches).await?,
        };
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// How far the news go: the marks once all of it was taken.
    pub fn reaches(&self) -> Vec<Reach> {
        match &self.way {
            Way::News(reaches) => reaches.clone(),
            Way::Ids(_) | Way::Search { .. } => Vec::new(),
        }
    }

    /// The next documents; none at the end. Those that were chosen come first.
    pub async fn next(&mut self, app: &App) -> Result<Vec<Passed>, DocumentError> {
        let chosen = self.next_chosen(app).await?;
        if chosen.is_empty() {
            return self.next_following(app).await;
        }
        if let Following::Of(passed) = &mut self.following {
            passed.extend(chosen.iter().map(|row| row.id));
        }
        Ok(chosen.into_iter().map(|row| Passed { row, goes_with: None }).collect())
    }

    async fn next_following(&mut self, app: &App) -> Result<Vec<Passed>, DocumentError> {
        let mut conn = app.db.read().await?;
        if let Following::Of(passed) = &self.following {
            let these = follow::list(&mut conn, (&self.rfc, self.only), passed, self.except()).await?;
            self.following = Following::These(these);
        }
        let Following::These(rest) = &mut self.following else { return Ok(Vec::new()) };
        while !rest.is_empty() {
            let page: Vec<FollowerRow> = rest.drain(..rest.len().min(PAGE_ROWS)).collect();
            let ids: Vec<Uuid> = page.iter().map(|follower| follower.id).collect();
            let rows = store::list_ids(&mut conn, (&self.rfc, self.only), &ids).await?;
            // One that was withdrawn meanwhile is not in it.
            if !rows.is_empty() {
                let goes_with = |id| page.iter().find(|follower| follower.id == id).map(follow::said);
                return Ok(rows.into_iter().map(|row| Passed { goes_with: goes_with(row.id), row }).collect());
            }
        }
        Ok(Vec::new())
    }

    async fn next_chosen(&mut self, app: &App) -> Result<Vec<ListedRow>, DocumentError> {
        let limit = i64::try_from(PAGE_ROWS).unwrap_or(100);
        let mut conn = app.db.read().await?;
        match &mut self.way {
            Way::Ids(ids) => {
                while !ids.is_empty() {
                    let rest = ids.split_off(ids.len().min(PAGE_ROWS));
                    let page = std::mem::replace(ids, rest);
                    let rows = store::list_ids(&mut conn, (&self.rfc, self.only), &page).await?;
                    // Those that were withdrawn meanwhile are not in it.
                    if !rows.is_empty() {
                        return Ok(rows);
                    }
                }
                Ok(Vec::new())
            }
            Way::Search { filter, question, except, after, ended } => {
                while !*ended {
                    let search = question.search((&self.rfc, self.only), filter);
                    let mut rows = found::list(&mut conn, &search, after.as_ref().map(PlaceKey::after), limit).await?;
                    *ended = rows.len() < PAGE_ROWS;
                    *after = rows.last().map(PlaceKey::of);
                    rows.retain(|row| !except.contains(&row.id));
                    if !rows.is_empty() {
                        return Ok(rows);
                    }
                }
                Ok(Vec::new())
            }
            Way::News(reaches) => {
                while let Some(reach) = reaches.last_mut() {
                    let rows = store::list_news(&mut conn, &self.rfc, reach, limit).await?;
                    match rows.last() {
                        Some((seq, _)) => {
                            reach.after = *seq;
                            return Ok(rows.into_iter().map(|(_, row)| row).collect());
                        }
                        None => _ = reaches.pop(),
                    }
                }
                Ok(Vec::new())
            }
        }
    }
}

/// Of these documents the asker's own, and which of them were withdrawn.
async fn list_own(app: &App, asker: &Asker, ids: &BTreeSet<Uuid>) -> DbResult<Vec<OwnRow>> {
    let ids: Vec<Uuid> = ids.iter().copied().collect();
    store::list_own(&mut app.db.read().await?, (&asker.rfc, asker.only), &ids).await
}

/// Those that are still there, if any is.
fn there(own: Vec<OwnRow>) -> Result<Vec<Uuid>, DocumentError> {
    let there: Vec<Uuid> = own.into_iter().filter(|row| !row.withdrawn).map(|row| row.id).collect();
    if there.is_empty() { Err(DocumentError::NotFound) } else { Ok(there) }
}

/// What is new beyond these reaches, for one file had no room for it.
pub(super) fn left(reaches: &[Reach]) -> u64 {
    u64::try_from(reaches.iter().map(|reach| reach.left).sum::<i64>()).unwrap_or(0)
}

/// Of each issuer with documents for the asker: from where to where in its feed they are new.
pub(super) async fn reaches(app: &App, asker: &Asker) -> DbResult<Vec<Reach>> {
    let whose = (asker.user_id, asker.customer_id);
    store::list_reaches(&mut app.db.read().await?, (&asker.rfc, asker.only), whose).await
}

/// Documents within the reaches.
pub(super) async fn count_news(conn: &mut impl Conn, rfc: &str, reaches: &[Reach]) -> DbResult<i64> {
    let mut count = 0;
    for reach in reaches {
        count += store::count_news(conn, rfc, reach).await?;
    }
    Ok(count)
}
