<?php
/**
 * Keeps sessions in the database. MediaWiki treats a session that it cannot read as ended, and deletes its cookie: a short outage of
 * the database would log users out. This class throws an exception instead, after which the session still exists.
 */
class SessionStore extends SqlBagOStuff {
	public function get( $key, $flags = 0 ) {
		$before = $this->watchErrors();
		$session = parent::get( $key, $flags );
		if ( $session === false && $this->getLastError( $before ) !== self::ERR_NONE ) {
			throw new Wikimedia\Rdbms\DBConnectionError( null, 'sessions cannot be read' );
		}
		return $session;
	}
}
