# Reads "A<TAB>B" lines; prints <, =, > or ? as dpkg orders them. libdpkg-perl answers what follows Debian Policy; the
# rest, where it differs from dpkg itself, is put to `dpkg --compare-versions`, which is slow: after the first ones
# the answer is "not asked", a full stop.
use strict;
use warnings;
use Dpkg::Version;

my %sign = (-1 => '<', 0 => '=', 1 => '>');
my $may_ask = 200;
while (my $line = <STDIN>) {
    chomp $line;
    my @texts = split /\t/, $line, 2;
    my ($left, $right) = map { Dpkg::Version->new($_) } @texts;
    my $odd_colon = grep { /^[^:]*[^:0-9]+[^:]*:|:$/ } @texts;
    if (!$odd_colon && defined $left && defined $right && $left->is_valid() && $right->is_valid()) {
        print $sign{ version_compare("$left", "$right") }, "\n";
    } elsif ($texts[0] =~ /^-/ || $may_ask-- <= 0) {
        print ".\n";
    } else {
        print ask_dpkg(@texts), "\n";
    }
}

sub ask_dpkg {
    my ($left, $right) = @_;
    for my $question ([ 'lt', '<' ], [ 'eq', '=' ], [ 'gt', '>' ]) {
        system 'dpkg', '--compare-versions', $left, $question->[0], $right;
        return '?' if $? >> 8 == 2;
        return $question->[1] if $? == 0;
    }
    return '?';
}
