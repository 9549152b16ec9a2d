# Reads "A<TAB>B" lines; prints <, =, > or ? as Elixir's Version orders them.
for line <- IO.stream(:stdio, :line) do
  [left, right] = line |> String.trim_trailing("\n") |> String.split("\t", parts: 2)

  with {:ok, left} <- Version.parse(left), {:ok, right} <- Version.parse(right) do
    IO.puts(%{lt: "<", eq: "=", gt: ">"}[Version.compare(left, right)])
  else
    :error -> IO.puts("?")
  end
end
