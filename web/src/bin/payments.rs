//! A customer's balances and payments.

fn main() {
    web::payments::start();
}
