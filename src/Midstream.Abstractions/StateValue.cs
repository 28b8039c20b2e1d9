namespace Midstream;

/// <summary>What a state holds under a key.</summary>
/// <typeparam name="TValue">The type of the values.</typeparam>
/// <param name="Exists">Whether there is an entry.</param>
/// <param name="Value">Its value; the type's default when there is none.</param>
public readonly record struct StateValue<TValue>(bool Exists, TValue? Value);
