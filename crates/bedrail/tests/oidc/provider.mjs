// A real OpenID Connect provider (the npm package `oidc-provider`) for the tests of single sign-on: one client, people by
// their sign-in name. Called with the addresses that it may send people back to; prints its own.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [modules, ...redirect_uris] = process.argv.slice(2);
const require = createRequire(`${modules}/`);
const { default: Provider } = await import(pathToFileURL(require.resolve('oidc-provider')));

// Invented people: what each is in.
const groups = { ann: ['it-security', 'choir'], bob: ['ward-it'], carol: ['choir'], dora: ['heads'] };

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'bedrail', client_secret: 'a made-up secret of the tests',
      redirect_uris, response_types: ['code'], grant_types: ['authorization_code'],
    }],
    claims: { openid: ['sub', 'groups'], profile: ['preferred_username', 'name'], email: ['email', 'email_verified'] },
    pkce: { required: () => true },
    features: { devInteractions: { enabled: true } },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: `subject-of-${id}`, groups: groups[id], preferred_username: id, name: `${id} Example`,
        email: `${id}@clinic.example`, email_verified: true,
      }),
    }),
  });
  server.on('request', provider.callback());
  console.log(`provider at ${issuer}`);
});
