// What must not be, and was.

namespace Midstream.Simulation.Histories;

internal sealed class Violation(string what) : Exception(what);
