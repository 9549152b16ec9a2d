# Reads "A<TAB>B" lines; prints <, =, > or ? as Gem::Version orders them.
signs = { -1 => "<", 0 => "=", 1 => ">" }
STDIN.each_line(chomp: true) do |line|
  left, right = line.split("\t", 2)
  sound = Gem::Version.correct?(left) && Gem::Version.correct?(right)
  puts sound ? signs[Gem::Version.new(left) <=> Gem::Version.new(right)] : "?"
end
