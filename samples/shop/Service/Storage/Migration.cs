// One step of the database's schema. A step only ever adds: columns with a default, tables, indexes. That is the whole
// secret of running two versions on one file, and of going back: the older version neither sees the addition nor misses it.

namespace Shop.Storage;

/// <summary>Describes one step of the schema.</summary>
/// <param name="Number">Its place in the sequence, from 1.</param>
/// <param name="Name">What it adds.</param>
/// <param name="Sql">The statements.</param>
public sealed record Migration(int Number, string Name, string Sql);
