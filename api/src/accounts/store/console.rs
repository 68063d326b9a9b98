//! SQL of an issuer's look at its customers. A customer is an issuer's when it has a number there, or an id of its
//! systems.
use shared::console::CustomerState;
use uuid::Uuid;

use crate::accounts::model::{CustomerId, UserId};
use crate::db::{Conn, DbResult, Timestamp, on};
use crate::issuers::Scope;

/// A customer in a list.
#[derive(Debug, sqlx::FromRow)]
pub struct CustomerRow {
    pub id: Uuid,
    pub rfc: String,
    pub nombre: String,
    pub contract: Option<String>,
    pub contracts: i64,
    pub people: i64,
    pub last_seen_at: Option<Timestamp>,
}

/// A customer, whole.
#[derive(Debug, sqlx::FromRow)]
pub struct FiscalRow {
    pub id: Uuid,
    pub rfc: String,
    pub nombre: String,
    pub regimen: String,
    pub codigo_postal: String,
}

/// What is typed, as LIKE reads it.
fn pattern(typed: &str) -> String {
    let escaped = typed.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

/// Letters that the SAT's register may have with an accent or a tilde, and as somebody types them.
const FOLDED: [(&str, &str); 7] = [("Á", "A"), ("É", "E"), ("Í", "I"), ("Ó", "O"), ("Ú", "U"), ("Ü", "U"), ("Ñ", "N")];

/// A name as it is compared: in upper case, without accents.
fn folded(typed: &str) -> String {
    FOLDED.iter().fold(typed.to_uppercase(), |name, (from, to)| name.replace(from, to))
}

/// The same of what is kept, on both engines.
fn folded_sql(column: &str) -> String {
    FOLDED.iter().fold(column.to_owned(), |sql, (from, to)| format!("REPLACE({sql}, '{from}', '{to}')"))
}

/// An RFC as it is kept: people write it with dashes and spaces too. What is left of other texts is as it was.
fn bare(typed: &str) -> String {
    let kept: String = typed.chars().filter(|letter| letter.is_alphanumeric() || *letter == '&').collect();
    if kept.is_empty() { typed.to_owned() } else { kept }
}

/// Adds "is a customer of this issuer" to a statement over `customers AS c`.
macro_rules! push_of_issuer {
    ($sql:ident, $scope:ident) => {
        $sql.push("(EXISTS (SELECT 1 FROM contracts AS k WHERE k.customer_id = c.id AND k.issuer_id = ");
        $sql.push_bind($scope.uuid());
        $sql.push(") OR EXISTS (SELECT 1 FROM customer_externals AS x WHERE x.customer_id = c.id AND x.issuer_id = ");
        $sql.push_bind($scope.uuid());
        $sql.push("))");
    };
}

/// An issuer's customers by name, after one of them; those that contain what was typed. RFC and names of the SAT's
/// register are in upper case, so what was typed is compared so, names without accents and an RFC without what people
/// part it with; mail addresses as they are folded.
pub async fn list(
    conn: &mut impl Conn,
    scope: Scope,
    (typed, state): (Option<&str>, Option<CustomerState>),
    after: Option<(&str, Uuid)>,
    limit: i64,
) -> DbResult<Vec<CustomerRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT c.id, c.rfc, c.nombre, (SELECT MIN(k.number) FROM contracts AS k WHERE k.customer_id = c.id \
             AND k.issuer_id = ",
        );
        sql.push_bind(scope.uuid());
        sql.push(") AS contract, (SELECT COUNT(*) FROM contracts AS k WHERE k.customer_id = c.id AND k.issuer_id = ");
        sql.push_bind(scope.uuid());
        sql.push(
            ") AS contracts, (SELECT COUNT(*) FROM memberships AS m WHERE m.customer_id = c.id \
             AND (m.issuer_id IS NULL OR m.issuer_id = ",
        );
        sql.push_bind(scope.uuid());
        sql.push(
            ")) AS people, (SELECT MAX(s.refreshed_at) FROM sessions AS s JOIN memberships AS m \
             ON m.user_id = s.user_id AND m.customer_id = s.customer_id WHERE s.customer_id = c.id \
             AND s.kind = 'customer' AND (m.issuer_id IS NULL OR m.issuer_id = ",
        );
        sql.push_bind(scope.uuid()).push(")) AS last_seen_at FROM customers AS c WHERE ");
        push_of_issuer!(sql, scope);
        if let Some(typed) = typed {
            let (upper, lower) = (pattern(&typed.to_uppercase()), pattern(&typed.to_lowercase()));
            sql.push(" AND (c.rfc LIKE ").push_bind(pattern(&bare(&typed.to_uppercase())));
            sql.push(" ESCAPE '\\' OR ").push(folded_sql("c.nombre")).push(" LIKE ");
            sql.push_bind(pattern(&folded(typed))).push(" ESCAPE '\\' OR EXISTS (SELECT 1 FROM contracts AS k ");
            sql.push("WHERE k.customer_id = c.id AND k.issuer_id = ").push_bind(scope.uuid());
            sql.push(" AND k.number_folded LIKE ").push_bind(upper).push(" ESCAPE '\\') OR EXISTS (SELECT 1 ");
            sql.push("FROM memberships AS m JOIN users AS u ON u.id = m.user_id WHERE m.customer_id = c.id ");
            sql.push("AND (m.issuer_id IS NULL OR m.issuer_id = ").push_bind(scope.uuid());
            sql.push(") AND u.email_folded LIKE ").push_bind(lower).push(" ESCAPE '\\'))");
        }
        if let Some(state) = state {
            sql.push(if state == CustomerState::Active { " AND EXISTS" } else { " AND NOT EXISTS" });
            sql.push(" (SELECT 1 FROM memberships AS m WHERE m.customer_id = c.id AND (m.issuer_id IS NULL ");
            sql.push("OR m.issuer_id = ").push_bind(scope.uuid()).push("))");
        }
        if let Some((nombre, id)) = after {
            sql.push(" AND (c.nombre, c.id) > (").push_bind(nombre).push(", ").push_bind(id).push(")");
        }
        sql.push(" ORDER BY c.nombre, c.id LIMIT ").push_bind(limit);
        sql.build_query_as().fetch_all(ex).await
    })?)
}

/// One customer of an issuer's.
pub async fn find(conn: &mut impl Conn, scope: Scope, customer: CustomerId) -> DbResult<Option<FiscalRow>> {
    Ok(on!(conn, ex => {
        let mut sql = sqlx::QueryBuilder::new(
            "SELECT c.id, c.rfc, c.nombre, c.regimen, c.codigo_postal FROM customers AS c WHERE c.id = ",
        );
        sql.push_bind(customer.uuid()).push(" AND ");
        push_of_issuer!(sql, scope);
        sql.build_query_as().fetch_optional(ex).await
    })?)
}

/// Whether a person sees more than this issuer's: another's part of a customer, or the whole group's, whatever the others
/// have with it by now; or another one invoiced to their mailbox.
pub async fn is_elsewhere(conn: &mut impl Conn, scope: Scope, user: UserId) -> DbResult<bool> {
    Ok(on!(conn, ex => sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM memberships AS m WHERE m.user_id = $1 \
         AND (m.issuer_id IS NULL OR m.issuer_id <> $2)) \
         OR EXISTS (SELECT 1 FROM mailbox_rfcs AS b WHERE b.user_id = $1 AND b.issuer_id <> $2)",
    ).bind(user.uuid()).bind(scope.uuid()).fetch_one(ex).await)?)
}

/// The mail address of a user.
pub async fn find_email(conn: &mut impl Conn, user: Uuid) -> DbResult<Option<String>> {
    Ok(on!(conn, ex => sqlx::query_scalar("SELECT email FROM users WHERE id = $1")
        .bind(user).fetch_optional(ex).await)?)
}
