# Reads "A<TAB>B" lines; prints <, =, > or ? as dpkg orders them (libdpkg-perl).
use strict;
use warnings;
use Dpkg::Version;

my %sign = (-1 => '<', 0 => '=', 1 => '>');
while (my $line = <STDIN>) {
    chomp $line;
    my ($left, $right) = map { Dpkg::Version->new($_) } split /\t/, $line, 2;
    my $sound = defined $left && defined $right && $left->is_valid() && $right->is_valid();
    print $sound ? $sign{ version_compare("$left", "$right") } : '?', "\n";
}
