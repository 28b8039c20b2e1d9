// The comparison with other systems, side by side in one run. eng/bench.sh builds, installs the others and starts it.

using System.CommandLine;
using Midstream.Bench.Commands;

return await new RootCommand("Midstream beside other systems, measured by the same clients")
{
    UpgradesCommand.Create(),
    SteadyCommand.Create(),
    ModulesCommand.Create(),
}.Parse(args).InvokeAsync();
