/** The front end of the shop: one page, drawn from what the API says. */

const api = Deno.env.get("API_URL") ?? "";

interface Product {
  readonly id: number;
  readonly name: string;
  readonly price_cents: number;
}

interface Order {
  readonly id: number;
  readonly product: string;
  readonly quantity: number;
}

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  switch (`${request.method} ${pathname}`) {
    case "GET /health":
      return new Response("ok\n");
    case "GET /":
      return new Response(
        page(await ask<Product[]>("/products"), await ask<Order[]>("/orders")),
        { headers: { "content-type": "text/html; charset=utf-8" } },
      );
    case "POST /orders":
      return await order(await request.formData());
    default:
      return new Response("There is no such page.\n", { status: 404 });
  }
}

async function order(form: FormData): Promise<Response> {
  const response = await fetch(`${api}/orders`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      product: Number(form.get("product")),
      quantity: Number(form.get("quantity")),
    }),
  });
  const { error } = await response.json();
  if (!response.ok) {
    return new Response(`${error}\n`, { status: response.status });
  }
  return new Response("Ordered.\n", {
    status: 303,
    headers: { location: "/" },
  });
}

async function ask<T>(path: string): Promise<T> {
  const response = await fetch(`${api}${path}`);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return await response.json();
}

function page(
  products: readonly Product[],
  orders: readonly Order[],
): string {
  const options = products.map(({ id, name, price_cents: price }) =>
    `<option value="${id}">${escape(name)}, ${
      (price / 100).toFixed(2)
    }</option>`
  );
  const rows = orders.map(({ id, product, quantity }) =>
    `<li>Order ${id}: ${quantity} × ${escape(product)}</li>`
  );
  return `<!doctype html>
<html lang="en">
<title>The shop</title>
<h1>The shop</h1>
<form method="post" action="/orders">
  <select name="product">${options.join("")}</select>
  <input name="quantity" type="number" min="1" max="100" value="1">
  <button>Order</button>
</form>
<ul>${rows.join("\n")}</ul>
</html>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

Deno.serve({
  hostname: "127.0.0.1",
  port: Number(Deno.env.get("PORT")),
  onListen: ({ port }) => console.log(`The shop listens on port ${port}`),
  onError(error) {
    console.error(`error: ${error}`);
    return new Response("The shop is closed for a moment.\n", { status: 502 });
  },
}, answer);
