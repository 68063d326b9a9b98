#!/usr/bin/env perl
# The text of a ticket's QR, signed by the till itself. Perl 5, nothing but its own library.
#
#     perl sign.pl < sale.json        {"address", "key_id", "secret", "order", "ticket", "total", "sold_at", "forma_pago"}
use strict;
use warnings;
use Digest::SHA qw(hmac_sha256_hex);
use Encode qw(encode);
use JSON::PP qw(decode_json);

sub escape {
    my ($number) = @_;
    my $bytes = encode('UTF-8', $number);
    $bytes =~ s/([^A-Za-z0-9\-._~])/sprintf('%%%02X', ord $1)/ge;
    return $bytes;
}

sub sign {
    my ($sale) = @_;
    my @numbers = map { uc } @$sale{qw(order ticket)};
    # On the branch's wall: 2026-11-18T17:42 becomes 20261118T1742.
    (my $sold_at = substr $sale->{sold_at}, 0, 16) =~ tr/-://d;
    my @head = ('1', $sale->{key_id});
    my @tail = ($sale->{total}, $sold_at, $sale->{forma_pago} // '');
    my $text = encode('UTF-8', join ':', @head, @numbers, @tail);
    my $seal = uc substr hmac_sha256_hex($text, $sale->{secret}), 0, 32;
    # Only the numbers may need an escape; the seal is over the plain text.
    return $sale->{address} . join ':', @head, (map { escape($_) } @numbers), @tail, $seal;
}

local $/;
print sign(decode_json(<STDIN>)), "\n";
