using Microsoft.Extensions.Logging;
using Midstream.Modules.Loading;
using Midstream.Modules.Packages;
using Midstream.Modules.Slots;

namespace Midstream.Modules.Swaps;

/// <summary>What every swap works with.</summary>
internal sealed record SwapSurroundings(
    SharedAssemblies Shared, GenerationBuilder Builder, SlotBoard Board, GenerationEnd End, PreviousKeeper Keeper,
    ModulesOptions Options, TimeProvider Clock, ILoggerFactory Loggers);
