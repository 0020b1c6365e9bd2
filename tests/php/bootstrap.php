<?php
// Loads the classes of programs, and those that tests share.
declare( strict_types=1 );
require __DIR__ . '/../../components/files/mediawiki/src/bootstrap.php';
require __DIR__ . '/FolderTestCase.php';
