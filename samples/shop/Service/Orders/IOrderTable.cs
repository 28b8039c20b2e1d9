// The one place where the versions touch the database differently: the columns of the table of orders.

using Microsoft.Data.Sqlite;

namespace Shop.Orders;

/// <summary>Knows the columns of the table of orders, as one version of the shop sees it.</summary>
public interface IOrderTable
{
    /// <summary>Gets the statement that inserts an order and returns its number.</summary>
    string InsertSql { get; }

    /// <summary>Gets the columns that <see cref="Read"/> expects, in its order.</summary>
    string Columns { get; }

    /// <summary>Binds the parameters of <see cref="InsertSql"/>.</summary>
    void Bind(SqliteParameterCollection parameters, Order order);

    /// <summary>Reads an order, without its lines, from a row of <see cref="Columns"/>.</summary>
    Order Read(SqliteDataReader row);
}
