/* SPDX-FileCopyrightText: bindify contributors */
/* SPDX-License-Identifier: Apache-2.0 */

#include "client/run/authority.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "protocol/error.h"

#define SERIAL_BITS 127
#define BACKDATED_S 300 /* clocks inside are those outside, but are compared in whole minutes */
#define DAY_S (24 * 60 * 60)
#define X509_VERSION_3_NUMBER 2
#define AUTHORITY_NAME "bindify run"
#define NO_ADDRESS "excluded;IP:0.0.0.0/0.0.0.0,excluded;IP:0:0:0:0:0:0:0:0/0:0:0:0:0:0:0:0"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free_all)

typedef struct
{
  int nid;
  const char *value;
} Extension;

typedef struct
{
  X509 *issuer; /* NULL: itself */
  EVP_PKEY *issuer_key;
  const char *name;
} Wish;

void
bfy_run_papers_free (BfyRunPapers *self)
{
  g_free (self->authority);
  g_clear_pointer (&self->certificates, g_ptr_array_unref);
  g_free (self);
}

static gboolean
set_serial (X509 *certificate)
{
  BIGNUM *number = BN_new ();
  gboolean is_ok = number != NULL &&
                   BN_rand (number, SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
                   BN_to_ASN1_INTEGER (number, X509_get_serialNumber (certificate)) != NULL;

  BN_free (number);

  return is_ok;
}

static gboolean
add_extension (X509 *certificate, X509 *issuer, const Extension *extension)
{
  X509V3_CTX context;
  X509_EXTENSION *made;
  gboolean is_ok;

  X509V3_set_ctx (&context, issuer, certificate, NULL, NULL, 0);
  made = X509V3_EXT_conf_nid (NULL, &context, extension->nid, extension->value);
  is_ok = made != NULL && X509_add_ext (certificate, made, -1) == 1;
  X509_EXTENSION_free (made);

  return is_ok;
}

static gboolean
fill (X509 *certificate, EVP_PKEY *key, const Wish *wish)
{
  X509_NAME *name = X509_get_subject_name (certificate);
  X509_NAME *issuer = wish->issuer != NULL ? X509_get_subject_name (wish->issuer) : name;

  return X509_set_version (certificate, X509_VERSION_3_NUMBER) == 1 && set_serial (certificate) &&
         X509_gmtime_adj (X509_getm_notBefore (certificate), -BACKDATED_S) != NULL &&
         X509_gmtime_adj (X509_getm_notAfter (certificate), BFY_RUN_AUTHORITY_DAYS * DAY_S) !=
             NULL &&
         X509_NAME_add_entry_by_txt (name, "CN", MBSTRING_UTF8, (const guint8 *) wish->name, -1, -1,
                                     0) == 1 &&
         X509_set_issuer_name (certificate, issuer) == 1 && X509_set_pubkey (certificate, key) == 1;
}

/* @extensions end with a nid of 0. */
static X509 *
issue (EVP_PKEY *key, const Wish *wish, const Extension *extensions)
{
  g_autoptr (X509) certificate = X509_new ();
  X509 *issuer = wish->issuer != NULL ? wish->issuer : certificate;

  if (certificate == NULL || !fill (certificate, key, wish))
    return NULL;
  for (; extensions->nid != 0; extensions++)
    {
      if (!add_extension (certificate, issuer, extensions))
        return NULL;
    }
  if (X509_sign (certificate, wish->issuer_key, EVP_sha256 ()) == 0)
    return NULL;

  return g_steal_pointer (&certificate);
}

static char *
build_constraints (const char *const *hosts)
{
  GString *text = g_string_new ("critical,");

  for (; *hosts != NULL; hosts++)
    g_string_append_printf (text, "permitted;DNS:%s,", *hosts);
  g_string_append (text, NO_ADDRESS);

  return g_string_free (text, FALSE);
}

static X509 *
make_authority (EVP_PKEY *key, const char *const *hosts)
{
  g_autofree char *constraints = build_constraints (hosts);
  const Wish wish = { NULL, key, AUTHORITY_NAME };
  const Extension extensions[] = {
    { NID_basic_constraints, "critical,CA:TRUE,pathlen:0" },
    { NID_key_usage, "critical,keyCertSign" },
    { NID_ext_key_usage, "serverAuth" },
    { NID_subject_key_identifier, "hash" },
    { NID_name_constraints, constraints },
    { 0, NULL },
  };

  return issue (key, &wish, extensions);
}

static X509 *
make_leaf (EVP_PKEY *key, X509 *authority, EVP_PKEY *authority_key, const char *host)
{
  g_autofree char *names = g_strconcat ("DNS:", host, NULL);
  /* The host is in the alternative names; a common name has only 64 characters. */
  const Wish wish = { authority, authority_key, AUTHORITY_NAME " host" };
  const Extension extensions[] = {
    { NID_basic_constraints, "critical,CA:FALSE" },
    { NID_key_usage, "critical,digitalSignature" },
    { NID_ext_key_usage, "serverAuth" },
    { NID_authority_key_identifier, "keyid" },
    { NID_subject_alt_name, names },
    { 0, NULL },
  };

  return issue (key, &wish, extensions);
}

static char *
take_text (BIO *bio)
{
  char *bytes = NULL;
  long length = BIO_get_mem_data (bio, &bytes);

  return length > 0 ? g_strndup (bytes, (gsize) length) : NULL;
}

static char *
write_certificate (X509 *certificate)
{
  g_autoptr (BIO) bio = BIO_new (BIO_s_mem ());

  return bio != NULL && PEM_write_bio_X509 (bio, certificate) == 1 ? take_text (bio) : NULL;
}

static GTlsCertificate *
write_leaf (X509 *certificate, EVP_PKEY *key)
{
  g_autoptr (BIO) bio = BIO_new (BIO_s_secmem ());
  g_autofree char *text = NULL;
  GTlsCertificate *made;

  if (bio == NULL || PEM_write_bio_X509 (bio, certificate) != 1 ||
      PEM_write_bio_PrivateKey (bio, key, NULL, NULL, 0, NULL, NULL) != 1)
    return NULL;
  text = take_text (bio);
  made = text != NULL ? g_tls_certificate_new_from_pem (text, -1, NULL) : NULL;
  if (text != NULL)
    OPENSSL_cleanse (text, strlen (text));

  return made;
}

static gboolean
add_host (BfyRunPapers *self, X509 *authority, EVP_PKEY *authority_key, const char *host)
{
  g_autoptr (EVP_PKEY) key = EVP_EC_gen ("P-256");
  g_autoptr (X509) leaf = key != NULL ? make_leaf (key, authority, authority_key, host) : NULL;
  GTlsCertificate *certificate = leaf != NULL ? write_leaf (leaf, key) : NULL;

  if (certificate != NULL)
    g_ptr_array_add (self->certificates, certificate);

  return certificate != NULL;
}

static gboolean
make_all (BfyRunPapers *self, const char *const *hosts)
{
  g_autoptr (EVP_PKEY) key = EVP_EC_gen ("P-256");
  g_autoptr (X509) authority = key != NULL ? make_authority (key, hosts) : NULL;

  self->authority = authority != NULL ? write_certificate (authority) : NULL;
  for (; self->authority != NULL && *hosts != NULL; hosts++)
    {
      if (!add_host (self, authority, key, *hosts))
        return FALSE;
    }

  return self->authority != NULL;
}

BfyRunPapers *
bfy_run_papers_new (const char *const *hosts, GError **error)
{
  g_autoptr (BfyRunPapers) self = g_new0 (BfyRunPapers, 1);

  self->certificates = g_ptr_array_new_with_free_func (g_object_unref);
  if (make_all (self, hosts))
    return g_steal_pointer (&self);

  g_set_error_literal (error, BFY_ERROR, BFY_ERROR_FAILED,
                       "The certificates of this run could not be made");

  return NULL;
}
