"""Addresses of users, tokens, the change log and one's own account."""

from django.urls import include, path

from .account_views import account, sign_out_elsewhere
from .changes import ChangeList
from .credential_views import CredentialList, add_credential, credential
from .credential_views import revoke as revoke_credential
from .token_views import TokenList, add, revoke, token
from .user_list import UserList
from .user_views import add_user, close, reopen, reset, sign_out, user

urlpatterns = [
    path("account/", account, name="account"),
    path("account/elsewhere/", sign_out_elsewhere, name="account-elsewhere"),
    path("settings/users/", include(UserList().urls())),
    path("settings/users/new/", add_user, name="user-add"),
    path("settings/users/<int:user_id>/", user, name="user"),
    path("settings/users/<int:user_id>/close/", close, name="user-close"),
    path("settings/users/<int:user_id>/reopen/", reopen, name="user-reopen"),
    path("settings/users/<int:user_id>/reset/", reset, name="user-reset"),
    path("settings/users/<int:user_id>/sign-out/", sign_out, name="user-sign-out"),
    path("settings/tokens/", include(TokenList().urls())),
    path("settings/tokens/new/", add, name="token-add"),
    path("settings/tokens/<int:token_id>/", token, name="token"),
    path("settings/tokens/<int:token_id>/revoke/", revoke, name="token-revoke"),
    path("settings/credentials/", include(CredentialList().urls())),
    path("settings/credentials/new/", add_credential, name="credential-add"),
    path("settings/credentials/<int:credential_id>/", credential, name="credential"),
    path("settings/credentials/<int:credential_id>/revoke/", revoke_credential, name="credential-revoke"),
    path("settings/changes/", include(ChangeList().urls())),
]
