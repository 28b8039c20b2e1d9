namespace Midstream.Releases;

// The refusal to guess: what would be started is not clear from the folder.

/// <summary>Reports that a folder does not say which program to start; the message lists what was found or looked for.</summary>
/// <param name="message">What was looked for, what was found, and what to do next.</param>
/// <param name="inner">The error behind it, or null.</param>
public sealed class EntryPointException(string message, Exception? inner = null) : Exception(message, inner);
