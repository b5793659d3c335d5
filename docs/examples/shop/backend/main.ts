/** The API of the shop: products and orders in PostgreSQL, as JSON. */

import postgres from "postgres";

const sql = postgres(Deno.env.get("DATABASE_URL") ?? "", {
  connect_timeout: 5,
});

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  switch (`${request.method} ${pathname}`) {
    case "GET /health":
      await sql`select 1`;
      return Response.json({ ok: true });
    case "GET /products":
      return Response.json(
        await sql`select id, name, price_cents from products order by id`,
      );
    case "GET /orders":
      return Response.json(
        await sql`
          select orders.id, products.name as product, quantity
          from orders join products on products.id = product_id
          order by orders.id`,
      );
    case "POST /orders":
      return await order(await request.json().catch(() => undefined));
    default:
      return Response.json({ error: "not found" }, { status: 404 });
  }
}

async function order(wish: unknown): Promise<Response> {
  const { product, quantity } = Object(wish);
  if (!Number.isInteger(product) || !Number.isInteger(quantity)) {
    return refuse("product and quantity must be whole numbers");
  }
  if (quantity < 1 || quantity > 100) return refuse("quantity: 1 to 100");
  const [made] = await sql`
    insert into orders (product_id, quantity)
    select id, ${quantity}::integer from products where id = ${product}
    returning id`;
  if (made === undefined) return refuse("there is no such product");
  console.log(`Order ${made["id"]}: ${quantity} of product ${product}`);
  return Response.json(made, { status: 201 });
}

function refuse(error: string): Response {
  return Response.json({ error }, { status: 400 });
}

Deno.serve({
  hostname: "127.0.0.1",
  port: Number(Deno.env.get("PORT")),
  onListen: ({ port }) => console.log(`The API listens on port ${port}`),
  onError(error) {
    console.error(`error: ${error}`);
    return Response.json({ error: "the database is away" }, { status: 503 });
  },
}, answer);
