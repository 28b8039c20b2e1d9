namespace Midstream.Supervisor.Modules;

/// <summary>What an operator asks of modules cannot be begun; nothing has changed.</summary>
/// <param name="message">What is in the way, and what to do.</param>
internal sealed class ModuleRequestException(string message) : Exception(message);
